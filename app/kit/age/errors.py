"""What can be wrong with an encrypted file."""


class AgeError(ValueError):
    pass


class WrongKey(AgeError):
    """The file is sound as far as can be seen, but sealed for somebody else."""


class DamagedFile(AgeError):
    """Cut off, altered, or no age file. Nothing of the bad part was released."""
