"""What a run, a case or a rulebook looks like to whoever reads it."""
