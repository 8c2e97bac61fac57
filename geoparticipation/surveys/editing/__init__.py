"""Changing what a survey is, a step at a time: functions and forms on the definition; nothing here writes.

Every step gives a definition that could be opened as it is, or refuses with the faults in words.
"""
