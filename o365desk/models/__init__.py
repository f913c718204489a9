"""Qt models: values of the domain made ready for a view; QtCore only."""
