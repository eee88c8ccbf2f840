package chat.maru.e2e;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import org.json.JSONObject;
import org.springframework.messaging.converter.SimpleMessageConverter;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/**
 * A client of one room on Spring's STOMP client. It takes commands as JSON lines on standard input (connect with
 * lastSeq, send with id and text, drop) and tells what comes back as JSON lines on standard output.
 */
public final class StompProbe {
  private final String url;
  private final String token;
  private final String roomId;
  private StompSession session;

  private StompProbe(String url, String token, String roomId) {
    this.url = url;
    this.token = token;
    this.roomId = roomId;
  }

  public static void main(String[] args) throws Exception {
    StompProbe probe = new StompProbe(args[0], args[1], args[2]);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      probe.run(new JSONObject(line));
    }
    System.exit(0);
  }

  private void run(JSONObject command) throws Exception {
    switch (command.getString("do")) {
      case "connect" -> connect(command.getInt("lastSeq"));
      case "send" -> send(command);
      case "drop" -> session.disconnect();
      default -> throw new IllegalArgumentException(command.toString());
    }
  }

  private void connect(int lastSeq) throws Exception {
    WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());
    client.setMessageConverter(new SimpleMessageConverter());
    // For receipts and heart-beats.
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.initialize();
    client.setTaskScheduler(scheduler);
    StompHeaders headers = new StompHeaders();
    headers.add("Authorization", "Bearer " + token);
    session = client.connectAsync(url + "/stomp", new WebSocketHttpHeaders(), headers, new Told()).get();
    session.setAutoReceipt(true);
    StompHeaders subscribe = new StompHeaders();
    subscribe.setDestination("/topic/room/" + roomId);
    if (lastSeq > 0) subscribe.set("last-seq", String.valueOf(lastSeq));
    session.subscribe(subscribe, new Room());
  }

  private void send(JSONObject command) throws Exception {
    JSONObject body =
        line("type", "TALK", "id", command.getString("id"), "message", command.getString("text"));
    StompHeaders headers = new StompHeaders();
    headers.setDestination("/app/room/" + roomId);
    StompSession.Receiptable sent = session.send(headers, body.toString().getBytes(StandardCharsets.UTF_8));
    String id = command.getString("id");
    sent.addReceiptTask(receipt -> told("receipt", id, receipt.getFirst("seq"), receipt.getFirst("duplicate")));
    sent.addReceiptLostTask(() -> told("wrong", id, "no receipt", null));
  }

  private static final class Told extends StompSessionHandlerAdapter {
    @Override
    public void handleFrame(StompHeaders headers, Object payload) {
      told("wrong", headers.getFirst("code"), headers.getFirst("message"), null);
    }

    @Override
    public void handleException(
        StompSession session, StompCommand command, StompHeaders headers, byte[] payload, Throwable error) {
      told("wrong", String.valueOf(command), String.valueOf(error), null);
    }
  }

  private static final class Room implements StompFrameHandler {
    @Override
    public Type getPayloadType(StompHeaders headers) {
      return byte[].class;
    }

    @Override
    public void handleFrame(StompHeaders headers, Object payload) {
      String body = new String((byte[]) payload, StandardCharsets.UTF_8);
      print(line("what", "heard", "type", headers.getFirst("type"), "body", json(body)));
    }
  }

  private static void told(String what, String id, String seq, String duplicate) {
    print(line("what", what, "id", id, "seq", seq, "duplicate", "true".equals(duplicate)));
  }

  /** Names and values in turn. */
  private static JSONObject line(Object... pairs) {
    try {
      JSONObject line = new JSONObject();
      for (int at = 0; at < pairs.length; at += 2) line.put((String) pairs[at], pairs[at + 1]);
      return line;
    } catch (Exception never) {
      throw new IllegalStateException(never);
    }
  }

  private static JSONObject json(String text) {
    try {
      return new JSONObject(text);
    } catch (Exception wrong) {
      throw new IllegalArgumentException(text, wrong);
    }
  }

  private static synchronized void print(JSONObject line) {
    System.out.println(line);
  }
}
