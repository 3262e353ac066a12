"""The power of the cases: which faults they catch, and which they would not.

    corpus = read_corpus(places, rulebook)
    matrix = measured(corpus, rulebook, places)
    power = assess(corpus, matrix, rulebook)

A corpus of deliberately broken engines is asked every case over the wire. What comes
of it is a matrix of faults by cases, and all else is read off it: what survives, what
each rule tells apart, and what a failing engine behaves like.
"""

from isomargin.power.assessment import Power, assess, unseen
from isomargin.power.corpus import Corpus, Fault, read_corpus
from isomargin.power.diagnosis import (
    Likeness,
    Symptoms,
    diagnose,
    likenesses,
    symptoms_of,
)
from isomargin.power.keeping import kept_matrix
from isomargin.power.matrix import Catch, Matrix
from isomargin.power.measuring import measured

__all__ = [
    "Catch",
    "Corpus",
    "Fault",
    "Likeness",
    "Matrix",
    "Power",
    "Symptoms",
    "assess",
    "diagnose",
    "kept_matrix",
    "likenesses",
    "measured",
    "read_corpus",
    "symptoms_of",
    "unseen",
]
