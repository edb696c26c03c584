"""How the encoder's weights are made: `make data`, then `make train`."""
