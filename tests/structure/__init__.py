"""The structure of the code, its documents and its files, checked."""
