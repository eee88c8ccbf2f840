package chat.maru.e2e;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.json.JSONObject;

/**
 * A device on Paho's client for Java, MQTT 3.1.1. Arguments: client id, token, topic to subscribe to, topic to
 * publish to. Commands are JSON lines on standard input: {"do": "connect", "url"}, {"do": "send", "text"},
 * {"do": "drop"}. What happens are JSON lines on standard output.
 */
public final class MqttProbe implements MqttCallback {
  private final String clientId;
  private final String token;
  private final String hears;
  private final String says;
  private MqttAsyncClient client;

  private MqttProbe(String[] args) {
    clientId = args[0];
    token = args[1];
    hears = args[2];
    says = args[3];
  }

  public static void main(String[] args) throws Exception {
    MqttProbe probe = new MqttProbe(args);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      probe.run(new JSONObject(line));
    }
    System.exit(0);
  }

  private void run(JSONObject command) throws Exception {
    switch (command.getString("do")) {
      case "connect" -> connect(command.getString("url"));
      case "send" -> {
        byte[] text = command.getString("text").getBytes(StandardCharsets.UTF_8);
        client.publish(says, text, 1, false).waitForCompletion(10_000);
        tell("acked", "");
      }
      // Without a DISCONNECT, as a device that loses its network.
      case "drop" -> {
        client.disconnectForcibly(0, 1, false);
        client.close(true);
        tell("dropped", "");
      }
      default -> throw new IllegalArgumentException(command.toString());
    }
  }

  private void connect(String url) throws Exception {
    client = new MqttAsyncClient(url, clientId, new MemoryPersistence());
    client.setCallback(this);
    MqttConnectOptions options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setCleanSession(false);
    options.setUserName("paho");
    options.setPassword(token.toCharArray());
    IMqttToken connected = client.connect(options);
    connected.waitForCompletion(10_000);
    boolean known = connected.getSessionPresent();
    client.subscribe(hears, 1).waitForCompletion(10_000);
    tell("connected", known ? "known" : "new");
  }

  @Override
  public void messageArrived(String topic, MqttMessage message) {
    tell("heard", new String(message.getPayload(), StandardCharsets.UTF_8));
  }

  @Override
  public void connectionLost(Throwable cause) {
    tell("lost", cause.toString());
  }

  @Override
  public void deliveryComplete(IMqttDeliveryToken token) {}

  private static synchronized void tell(String what, String body) {
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
