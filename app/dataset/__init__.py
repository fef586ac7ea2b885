"""Turn documents and question–answer pairs into training rows."""
