"""The indicators of participation: counted by month and district, told so that nobody is given away."""
