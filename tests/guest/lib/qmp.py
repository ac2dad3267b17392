#!/usr/bin/env python3
# Knows how to talk to a running QEMU.
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: qmp.py SOCKET [--until EVENT] [--timeout SECONDS] COMMAND [JSON-ARGUMENTS]
       qmp.py SOCKET hmp TEXT

Prints the answer; with --until then waits for the event, over the same connection so that none is missed."""
import argparse
import json
import socket
import sys
import time


class Qmp:
    def __init__(self, path, timeout):
        self.deadline = time.monotonic() + timeout
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > self.deadline:
                    raise
                time.sleep(0.05)
        self.file = self.socket.makefile('rw')
        self.events = []
        self.read()  # the greeting
        self.call('qmp_capabilities')

    def read(self):
        if time.monotonic() > self.deadline:
            raise TimeoutError('no answer in time')
        line = self.file.readline()
        if not line:
            raise ConnectionError('QEMU is gone')
        return json.loads(line)

    def call(self, command, arguments=None):
        message = {'execute': command}
        if arguments:
            message['arguments'] = arguments
        self.file.write(json.dumps(message) + '\n')
        self.file.flush()
        while 'event' in (answer := self.read()):
            self.events.append(answer)
        return answer

    def wait(self, event):
        for seen in self.events:
            if seen['event'] == event:
                return seen
        while (seen := self.read()).get('event') != event:
            pass
        return seen


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('socket')
    parser.add_argument('--until')
    parser.add_argument('--timeout', type=float, default=30)
    parser.add_argument('command')
    parser.add_argument('arguments', nargs='?')
    args = parser.parse_args()
    try:
        qmp = Qmp(args.socket, args.timeout)
        if args.command == 'hmp':
            answer = qmp.call('human-monitor-command', {'command-line': args.arguments})
        else:
            answer = qmp.call(args.command, json.loads(args.arguments) if args.arguments else None)
        if 'error' in answer:
            print(answer['error']['desc'], file=sys.stderr)
            return 1
        result = answer['return']
        print(result.replace('\r', '') if isinstance(result, str) else json.dumps(result), end='\n' if args.command != 'hmp' else '')
        if args.until:
            print(json.dumps(qmp.wait(args.until)))
    except OSError as e:
        print(f'qmp: {e}', file=sys.stderr)
        return 1
    return 0


sys.exit(main())
