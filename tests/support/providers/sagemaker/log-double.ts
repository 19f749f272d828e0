interface Stream {
  createdAt: number
  events: { timestamp: number; message: string }[]
}

/** CloudWatch Logs as far as training logs go: streams by prefix, pages by token, an end that repeats its token. */
export class LogDouble {
  pageLines = 100
  private readonly streams = new Map<string, Stream>()

  say(streamName: string, ...messages: string[]): void {
    const stream = this.streams.get(streamName) ?? { createdAt: Date.now() + this.streams.size, events: [] }
    this.streams.set(streamName, stream)
    const start = 1_764_000_000_000 + stream.events.length
    stream.events.push(...messages.map((message, index) => ({ timestamp: start + index, message })))
  }

  /** Null while nobody has ever said anything: the group does not exist then. */
  describeStreams({ logStreamNamePrefix }: Record<string, unknown>): unknown {
    if (this.streams.size === 0) return null
    const names = [...this.streams.keys()].filter((name) => name.startsWith(String(logStreamNamePrefix)))
    return {
      logStreams: names.sort().map((logStreamName) => ({
        logStreamName,
        creationTime: this.streams.get(logStreamName)!.createdAt,
      })),
    }
  }

  events({ logStreamName, nextToken, startFromHead }: Record<string, unknown>): unknown {
    const stream = this.streams.get(String(logStreamName))
    if (!stream) return null
    const from =
      nextToken === undefined
        ? startFromHead
          ? 0
          : stream.events.length
        : Number(String(nextToken).slice(2))
    const events = stream.events.slice(from, from + this.pageLines)
    return {
      events: events.map((event) => ({ ...event, ingestionTime: event.timestamp })),
      nextForwardToken: `f/${from + events.length}`,
      nextBackwardToken: `b/${from}`,
    }
  }
}
