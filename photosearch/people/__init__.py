"""Faces into people: grouping (what is found), naming (what the user says), evaluation."""
