"""The data contract, token ids, and what is wrong with a data set; knows no model."""
