"""How far does each attempt get through a sequence of steps?

Unit: an attempt. It begins at an instant with a first step and ends at its deadline. Every file here
but `kernel` and `optional` is one state machine: it follows one attempt over plain arrays sorted by
(unit, time), where a row may match several steps (a bit each). `kernel` finds the attempts that count.
Arrays are copied element by element: slices would double the time to compile.
They judge nothing about percentages, zones or segments: see `apijourney.metrics.product.conversion.funnel`.
"""
