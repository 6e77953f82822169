"""A SwarmUI that computes nothing and behaves towards an onlooker as the recorded servers do."""
