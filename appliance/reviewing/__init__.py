"""What a reviewer works with: findings beside their text, the file of decisions, agreement and the risk that is left.

Light: the terminal UI and the command line read the sealed raw artifacts through it, without presidio or torch.
"""
