"""The rulebook: the files of `spec/` and the cases, read, checked and held."""
