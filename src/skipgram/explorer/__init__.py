"""The explorer: a page in the browser that shows a model, or two side by side.

It is served on this machine only, and loads nothing from elsewhere (extra `explore`).
"""
