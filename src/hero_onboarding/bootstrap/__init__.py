"""The only place that knows concrete classes and reads the environment."""
