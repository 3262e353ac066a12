"""isomargin: whether an engine keeps the rules of isolated margin."""

__all__ = ["__version__"]

__version__ = "1.0.0"
