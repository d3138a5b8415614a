# Methods: calls of own, inherited and overridden methods, one of them through `super`, and their fields; the first
# argument is the number of turns.

import sys


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.entries = 0

    def current(self):
        return self.balance

    def add(self, amount):
        self.balance = (self.balance + amount) % 1000003
        self.entries += 1
        return self


class Savings(Account):
    def __init__(self, balance, rate):
        super().__init__(balance)
        self.rate = rate

    def add(self, amount):
        return super().add(amount + self.rate)

    def yield_(self, months):
        return self.rate * months


def run(n):
    plain = Account(100)
    savings = Savings(200, 7)
    for i in range(n):
        plain.add(i)
        savings.add(savings.yield_(3))
        plain.add(savings.current())
    return plain.current() + (savings.current() + (plain.entries + savings.entries))


print(run(int(sys.argv[1])))
