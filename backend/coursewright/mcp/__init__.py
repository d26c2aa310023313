"""Courses for assistants, by the Model Context Protocol.

    server.py    the server: its tools, its resource, its prompt, what it tells assistants
    tools.py     what the tools do, by the client of the service
    values.py    what they answer
    quiz.py      questions by reference, without their keys

It stands on `coursewright.client` alone: a service is found or started by `cli/mcp.py`.
"""
