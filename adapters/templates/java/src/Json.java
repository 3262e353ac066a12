import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * As much JSON as the protocol needs: objects are maps, arrays lists, numbers {@link Written}. If
 * your engine has a JSON library, use that.
 */
final class Json {
  /** A number of JSON as it is written. */
  record Written(String number) {
    @Override
    public String toString() {
      return number;
    }
  }

  private final String text;
  private int at = 0;

  private Json(String text) {
    this.text = text;
  }

  /** Returns the value that a line of JSON says. */
  static Object parse(String line) {
    Json reader = new Json(line);
    Object value = reader.value();
    reader.skipSpace();
    if (reader.at < line.length()) {
      throw reader.wrong("nothing more");
    }
    return value;
  }

  /** Returns a value as JSON; numbers of JSON are integers only, decimals are texts. */
  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> members) {
      String separator = "{";
      for (Map.Entry<?, ?> member : members.entrySet()) {
        writeText((String) member.getKey(), out.append(separator));
        write(member.getValue(), out.append(':'));
        separator = ",";
      }
      out.append(members.isEmpty() ? "{}" : "}");
    } else if (value instanceof Iterable<?> members) {
      out.append('[');
      String separator = "";
      for (Object member : members) {
        write(member, out.append(separator));
        separator = ",";
      }
      out.append(']');
    } else if (value instanceof String string) {
      writeText(string, out);
    } else {
      out.append(value);
    }
  }

  private static void writeText(String string, StringBuilder out) {
    out.append('"');
    for (char sign : string.toCharArray()) {
      if (sign < ' ') {
        out.append(String.format("\\u%04x", (int) sign));
      } else {
        out.append(sign == '"' || sign == '\\' ? "\\" : "").append(sign);
      }
    }
    out.append('"');
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      default -> word();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    at++;
    while (peek() != '}') {
      if (!members.isEmpty()) {
        expect(',');
      }
      peek();
      String key = string();
      expect(':');
      members.put(key, value());
    }
    at++;
    return members;
  }

  private List<Object> list() {
    List<Object> members = new ArrayList<>();
    at++;
    while (peek() != ']') {
      if (!members.isEmpty()) {
        expect(',');
      }
      members.add(value());
    }
    at++;
    return members;
  }

  private Object word() {
    int start = at;
    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    return switch (word) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> new Written(word);
    };
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    for (char sign = next(); sign != '"'; sign = next()) {
      string.append(sign == '\\' ? escape(next()) : sign);
    }
    return string.toString();
  }

  private char escape(char sign) {
    return switch (sign) {
      case 'u' -> (char) Integer.parseInt(text.substring(at, at += 4), 16);
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> sign;
    };
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private char peek() {
    skipSpace();
    if (at == text.length()) {
      throw wrong("more");
    }
    return text.charAt(at);
  }

  private char next() {
    if (at == text.length()) {
      throw wrong("more");
    }
    return text.charAt(at++);
  }

  private void expect(char sign) {
    if (peek() != sign) {
      throw wrong(String.valueOf(sign));
    }
    at++;
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException("JSON: expected " + expected + " at character " + at);
  }
}
