"""Answers as a good author would give them, for prompts that show what they are about.

Material in prompts stands between tags: `<chapter number="3" title="...">`, and likewise `plan`,
`passage` and `section`. What is asked for is told from the answer's JSON schema.
"""
