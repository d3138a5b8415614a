# Properties: balls whose places and speeds are read and written by name in a loop; the first argument is the number of
# steps of a hundred balls.

import sys


class Ball:
    def __init__(self, x, y, dx, dy):
        self.x = x
        self.y = y
        self.dx = dx
        self.dy = dy
        self.bounces = 0


def move_balls(balls, size):
    for ball in balls:
        ball.x += ball.dx
        ball.y += ball.dy
        if ball.x < 0 or ball.x > size:
            ball.dx = 0 - ball.dx
            ball.bounces += 1
        if ball.y < 0 or ball.y > size:
            ball.dy = 0 - ball.dy
            ball.bounces += 1


def run(steps):
    balls = []
    for i in range(100):
        balls.append(Ball(37 * i, 53 * i, i + 1, 50 - i))
    for _ in range(steps):
        move_balls(balls, 10000)
    total = 0
    for ball in balls:
        total += ball.bounces + (ball.x + ball.y)
    return total


print(run(int(sys.argv[1])))
