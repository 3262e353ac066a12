import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The loop of an adapter: read a line, answer it, write a line. */
final class Main {
  private Main() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream output = new PrintStream(System.out, false, UTF_8);
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      Map<String, Object> message = Adapter.object(Json.parse(line));
      if ("bye".equals(message.get("t"))) {
        return;
      }
      // Not println, which ends a line by the system's custom; the protocol's is LF.
      output.print(Json.write(answer(message)) + "\n");
      output.flush();
    }
  }

  /** Returns the one answer to a message; one bad case must not end the run. */
  private static Map<String, Object> answer(Map<String, Object> message) {
    Object seq = message.get("seq");
    try {
      return switch ((String) message.get("t")) {
        case "hello" -> Adapter.READY;
        case "quote" -> reply("quantities", seq, "values", Adapter.quote(message));
        case "run" -> reply("trace", seq, "steps", Adapter.run(message));
        default -> reply("unsupported", seq, "feature", message.get("t"));
      };
    } catch (Adapter.Unsupported gap) {
      return reply("unsupported", seq, "feature", gap.getMessage());
    } catch (RuntimeException fault) {
      return reply("error", seq, "message", fault.toString());
    }
  }

  private static Map<String, Object> reply(String type, Object seq, String name, Object part) {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("t", type);
    reply.put("seq", seq);
    reply.put(name, part);
    return reply;
  }
}
