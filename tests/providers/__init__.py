"""Tests of the services' facts."""
