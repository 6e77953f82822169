"""The functional core: every rule of the product, without Qt, input and output, clock or threads.

`model` holds the values that cross every border; the other modules are functions from such values to such values.
"""
