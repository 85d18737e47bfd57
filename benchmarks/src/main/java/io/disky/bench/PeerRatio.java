package io.disky.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A contestant of ours next to a peer that does the same work. Both use one thread, except that
 * {@code visitAll} uses its default.
 *
 * @param cell the comparison
 * @param ours the fastest of our contestants
 * @param peer the peer
 * @param ratio the ratio of our throughput to that of the peer
 */
record PeerRatio(Cell cell, Series ours, Series peer, Statistics ratio) {
  /** Which contestants of ours, of which the fastest counts, do the same work as which peers. */
  private record Rivals(List<String> ours, List<String> peers) {}

  private static final List<String> PEERS_ONE_BY_ONE =
      List.of(Contestants.ARRAY_RECORD_ONE_BY_ONE, Contestants.BAGZ_ONE_BY_ONE);
  private static final List<String> PEERS_TOGETHER =
      List.of(Contestants.ARRAY_RECORD_TOGETHER, Contestants.BAGZ_TOGETHER);

  /** The ratio to the best peer of each kind of work in a comparison. */
  static List<PeerRatio> toBestPeers(CellResult result) {
    return rivals(result).stream()
        .map(rivals -> ratios(result, rivals).stream().min(byRatio()))
        .flatMap(Optional::stream)
        .toList();
  }

  /** The ratios to peers that are faster, in the order of the comparison. */
  static List<PeerRatio> toFasterPeers(CellResult result) {
    List<PeerRatio> faster = new ArrayList<>();
    for (Rivals rivals : rivals(result)) {
      ratios(result, rivals).stream()
          .filter(PeerRatio::isPeerFaster)
          .sorted(byRatio())
          .forEach(faster::add);
    }
    return faster;
  }

  private static Comparator<PeerRatio> byRatio() {
    return Comparator.comparingDouble(one -> one.ratio().median());
  }

  /** Returns whether the ratio, rounded to two digits as in tables, is below 1. */
  private boolean isPeerFaster() {
    return Math.round(100 * ratio.median()) < 100;
  }

  private static List<PeerRatio> ratios(CellResult result, Rivals rivals) {
    Optional<Series> ours = result.fastest(rivals.ours());
    List<PeerRatio> ratios = new ArrayList<>();
    for (String name : rivals.peers()) {
      Optional<Series> peer = result.of(name);
      if (ours.isPresent() && peer.isPresent()) {
        Statistics ratio = ours.get().ratioTo(peer.get());
        ratios.add(new PeerRatio(result.cell(), ours.get(), peer.get(), ratio));
      }
    }
    return ratios;
  }

  private static List<Rivals> rivals(CellResult result) {
    return switch (result.cell().operation()) {
      case READ ->
          List.of(
              new Rivals(
                  List.of(Contestants.ITERATION, Contestants.BATCHES, Contestants.ARRAYS),
                  peers(result)));
      case WRITE ->
          List.of(
              new Rivals(
                  List.of(Contestants.ARRAYS, Contestants.SEGMENTS, Contestants.IN_PLACE),
                  peers(result)));
      case FIRST_RECORD, SMALL_READ ->
          List.of(new Rivals(List.of(Contestants.ITERATION), peers(result)));
      case SMALL_WRITE -> List.of(new Rivals(List.of(Contestants.ARRAYS), peers(result)));
      case FIELD -> List.of();
      case LOAD -> {
        String ours = Contestants.withThreads(Contestants.LOADER_GLOBAL, 2);
        yield List.of(new Rivals(List.of(ours), peers(result)));
      }
      case RANDOM ->
          List.of(
              new Rivals(List.of(Contestants.ONE_BY_ONE_CACHED), PEERS_ONE_BY_ONE),
              new Rivals(List.of(Contestants.ONE_BY_ONE_UNCACHED), PEERS_ONE_BY_ONE),
              new Rivals(List.of(Contestants.TOGETHER_CACHED), PEERS_TOGETHER),
              new Rivals(List.of(Contestants.TOGETHER_UNCACHED), PEERS_TOGETHER));
    };
  }

  private static List<String> peers(CellResult result) {
    return result.series().stream()
        .map(Series::contestant)
        .filter(contestant -> contestant.role() == Contestant.Role.PEER)
        .map(Contestant::name)
        .toList();
  }
}
