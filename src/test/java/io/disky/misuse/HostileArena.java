package io.disky.misuse;

import io.disky.misuse.Mischief.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An arena of the user that may return unsuitable memory for records. */
@SuppressWarnings("MustBeClosedChecker") // other code closes the arenas, sometimes too early
final class HostileArena implements Arena {
  private final Round round;
  private final Arena arena;
  private @Nullable MemorySegment before;
  private volatile boolean lied;
  private volatile boolean gaveAgain;

  HostileArena(Round round, Arena arena) {
    this.round = round;
    this.arena = arena;
  }

  /** Creates an arena of a random kind. */
  static HostileArena of(Round round) {
    return new HostileArena(
        round,
        switch (round.dice().below(4)) {
          case 0 -> Arena.ofConfined();
          case 1 -> Arena.ofShared();
          case 2 -> Arena.global();
          default -> Arena.ofAuto();
        });
  }

  /** Returns whether it returned other memory than was requested. */
  boolean hasLied() {
    return lied;
  }

  /** Whether it gave memory twice: records that lie there may change at any time. */
  boolean hasGivenAgain() {
    return gaveAgain;
  }

  @Override
  public MemorySegment allocate(long size, long alignment) {
    round.mischief().here("allocate of an arena");
    MemorySegment memory =
        round.mischief().does(Kind.MEMORY) ? lie(size, alignment) : arena.allocate(size, alignment);
    before = memory;
    return memory;
  }

  private @Nullable MemorySegment lie(long size, long alignment) {
    Dice dice = round.dice();
    lied = true;
    return switch (dice.below(8)) {
      case 0 -> arena.allocate(dice.below(Math.max(1, size)), alignment);
      case 1 -> arena.allocate(size + 8, alignment).asSlice(1);
      case 2 -> arena.allocate(size, alignment).asReadOnly();
      case 3 -> MemorySegment.ofArray(new byte[(int) size]);
      case 4 -> again();
      case 5 -> closed(size, alignment);
      case 6 -> arena.allocate(size + dice.below(100), alignment);
      default -> null;
    };
  }

  private MemorySegment again() {
    MemorySegment given = before;
    gaveAgain |= given != null;
    return given != null ? given : MemorySegment.NULL;
  }

  private static MemorySegment closed(long size, long alignment) {
    try (Arena other = Arena.ofConfined()) {
      return other.allocate(size, alignment);
    }
  }

  @Override
  public MemorySegment.Scope scope() {
    return arena.scope();
  }

  @Override
  public void close() {
    try {
      arena.close();
    } catch (UnsupportedOperationException | WrongThreadException _) {
      // This arena cannot be closed.
    }
  }
}
