// A package needs a library or a program; the filters are its examples.
