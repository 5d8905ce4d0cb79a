"""The loopback AWS: moto's server with its repairs, Lambda workers, the template loader and the event delivery."""
