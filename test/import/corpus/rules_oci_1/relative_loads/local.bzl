FILES = ["main.go"]

def owner(_name):
    return "0.0"
