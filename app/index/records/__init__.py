"""The index in a store of records that knows no transactions."""
