"""How fast replicated training is, side by side with what people would use instead.

``make bench`` installs the other libraries and runs ``python -m benchmarks``: one run, every contestant in
every round, in another order each time. The results go to ``benchmarks/results`` and to the page of the book.

- ``contestants``: what is timed, one entry each;
- ``measuring``: rounds, growth curves, the profile, the description of the machine;
- ``results``: medians, ratios, targets, and the tables in plain text;
- ``page``: tables, sentences and figures of the book's page, made from the stored results;
- ``book``: the time a cold build and an unchanged one take (``python -m benchmarks.book``).
"""
