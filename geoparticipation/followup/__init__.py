"""What the commune does with what people said: study, decision, answer, realisation, and the days each takes."""
