"""The measures over what registration and volunteers publish: each defined once, here.

A measure has two halves in one module. `cells` says what an offer or a volunteer adds to the sums, and on which
day; the measure itself reads the sums for a period. So a report costs as much as it has rows, however many people,
sessions and years lie behind it.
"""
