package chat.maru.e2e;

import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Socket;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONObject;

/**
 * A chat client on the stock Socket.IO client for Java. It takes commands as JSON lines on standard input
 * (login, connect, send, drop) and tells what it is answered and what it hears as JSON lines on standard output.
 */
public final class ChatProbe {
  private static final String[] ROOM_EVENTS = {
    "newMessage", "messageEdited", "messageDeleted", "reactionAdded", "reactionRemoved",
    "roomCreated", "memberJoined", "memberLeft", "roleChanged", "memberMuted", "roomUpdated", "roomDeleted"
  };

  private final String url;
  private final Map<String, String> auth = new HashMap<>();
  private final JSONObject lastSeqs = new JSONObject();
  private Socket socket;

  private ChatProbe(String url) {
    this.url = url;
  }

  public static void main(String[] args) throws Exception {
    ChatProbe probe = new ChatProbe(args[0]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      probe.run(new JSONObject(line));
    }
    if (probe.socket != null) probe.socket.close();
    System.exit(0);
  }

  private void run(JSONObject command) throws Exception {
    switch (command.getString("do")) {
      case "login" -> logIn(command);
      case "connect" -> connect();
      case "send" -> send(command.getJSONObject("message"));
      case "drop" -> socket.disconnect();
      default -> throw new IllegalArgumentException(command.toString());
    }
  }

  private void logIn(JSONObject command) throws Exception {
    JSONObject body = new JSONObject();
    body.put("email", command.getString("email"));
    body.put("password", command.getString("password"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/auth/login"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    auth.put("token", new JSONObject(response.body()).getString("accessToken"));
    tell("loggedIn", new JSONObject());
  }

  private void connect() throws Exception {
    // This client's handshake holds strings only, so the positions go as JSON text.
    auth.put("resume", lastSeqs.toString());
    if (socket == null) {
      IO.Options options = IO.Options.builder().setForceNew(true).setAuth(auth).build();
      options.transports = new String[] {"websocket"};
      socket = IO.socket(URI.create(url), options);
      for (String name : ROOM_EVENTS) socket.on(name, args -> heard(name, (JSONObject) args[0]));
      socket.on("ready", args -> tell("ready", (JSONObject) args[0]));
      socket.on(Socket.EVENT_CONNECT_ERROR, args -> tell("refused", wrapped(String.valueOf(args[0]))));
    }
    socket.connect();
  }

  private void send(JSONObject message) {
    socket.emit("sendMessage", new Object[] {message}, (Ack) args -> tell("ack", (JSONObject) args[0]));
  }

  private void heard(String name, JSONObject event) {
    try {
      lastSeqs.put(event.getString("roomId"), event.getInt("seq"));
    } catch (Exception wrong) {
      tell("wrong", wrapped(wrong.toString()));
    }
    tell("heard", event);
  }

  private static JSONObject wrapped(String text) {
    JSONObject body = new JSONObject();
    try {
      body.put("text", text);
    } catch (Exception never) {
      throw new IllegalStateException(never);
    }
    return body;
  }

  private static synchronized void tell(String what, JSONObject body) {
    JSONObject line = new JSONObject();
    try {
      line.put("what", what);
      line.put("body", body);
    } catch (Exception never) {
      throw new IllegalStateException(never);
    }
    System.out.println(line);
  }
}
