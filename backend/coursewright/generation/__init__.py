"""The main path: topic -> outline -> chapters -> what hangs on each -> the rest -> a course."""
