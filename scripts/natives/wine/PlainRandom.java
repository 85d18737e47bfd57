import java.security.Provider;
import java.security.SecureRandomSpi;
import java.util.SplittableRandom;

/**
 * Random numbers for tests under Wine, where the JDK's generators end the JVM: they ask for the network interfaces, and
 * Wine lacks that function.
 */
public final class PlainRandom extends Provider {
  private static final long serialVersionUID = 1;

  public PlainRandom() {
    super("PlainRandom", "1", "random numbers for tests under Wine");
    put("SecureRandom.PlainRandom", Numbers.class.getName());
  }

  /** Numbers that are not secret. */
  public static final class Numbers extends SecureRandomSpi {
    private static final long serialVersionUID = 1;
    private final transient SplittableRandom random = new SplittableRandom();

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }

    @Override
    protected byte[] engineGenerateSeed(int size) {
      byte[] seed = new byte[size];
      random.nextBytes(seed);
      return seed;
    }
  }
}
