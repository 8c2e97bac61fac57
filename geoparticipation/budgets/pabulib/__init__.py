"""The Pabulib format (.pb) of elections of participatory budgets, in and out.

As in Faliszewski et al., Participatory Budgeting: Data, Tools, and Analysis (2023): three sections META, PROJECTS and
VOTES, each with a line of column names, separated by semicolons.
"""
