"""Everything Snapback promises, as tests. Start with `contract/`: the laws that hold for every remediation."""
