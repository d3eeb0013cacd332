"""What can be done: note what other services tell, plan what follows, settle calls and failures."""
