"""Year on year: base-year recalculation, trend, intensities, and where a change comes from.

Functions are imported from the module that is called like them: :mod:`.build`, :mod:`.recalculate`, :mod:`.decompose`,
:mod:`.check`, :mod:`.write`; kinds of change from :mod:`.changes`.
"""
