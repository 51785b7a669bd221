package chat.cloud;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.core.Ordered;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Tells the chat who has signed in here, with the proof that this gateway says so. */
@Component
public class ChatUserFilter implements GlobalFilter, Ordered {
  private final String keyId;
  private final SecretKeySpec key;

  ChatUserFilter(@Value("${chat.gateway-key.id}") String keyId, @Value("${chat.gateway-key.secret}") String secret) {
    this.keyId = keyId;
    this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  /** Once the path that is asked of the chat is known. */
  @Override
  public int getOrder() {
    return RouteToRequestUrlFilter.ROUTE_TO_URL_FILTER_ORDER + 1;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    URI url = exchange.getRequiredAttribute(GATEWAY_REQUEST_URL_ATTR);
    String userId = signedInUser(request);
    ServerHttpRequest signed = request.mutate().headers(headers -> {
      headers.remove("X-User-UserId"); // whatever the client claims
      headers.remove("X-Gateway-Signature");
      if (userId == null) return;
      headers.set("X-User-UserId", userId);
      headers.set("X-Gateway-Signature", signature(request.getMethod().name(), url, userId));
    }).build();
    return chain.filter(exchange.mutate().request(signed).build());
  }

  /** Stands for how users sign in here: the session, the certificate or the token that this gateway has checked. */
  private static String signedInUser(ServerHttpRequest request) {
    return request.getHeaders().getFirst("X-Demo-User");
  }

  private String signature(String method, URI url, String userId) {
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String once = Instant.now().getEpochSecond() + "." + UUID.randomUUID(); // two equal requests of one second are two proofs
    String text = method + "\n" + url.getRawPath() + query + "\n" + userId + "\n" + once;
    return keyId + "." + once + "." + HexFormat.of().formatHex(hmac(text));
  }

  private byte[] hmac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException("every Java has HmacSHA256", error);
    }
  }
}
