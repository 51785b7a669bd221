package chat.cloud;

import java.util.List;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.loadbalancer.core.DelegatingServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Flux;

/** The instances of a service id that speak what is asked for; each service id has a context with these beans. */
class ProtocolSuppliers {
  @Bean
  ServiceInstanceListSupplier supplierByProtocol(ConfigurableApplicationContext context) {
    return new Supplier(ServiceInstanceListSupplier.builder().withDiscoveryClient().build(context));
  }

  private static class Supplier extends DelegatingServiceInstanceListSupplier {
    Supplier(ServiceInstanceListSupplier delegate) {
      super(delegate);
    }

    @Override
    public Flux<List<ServiceInstance>> get() {
      return getDelegate().get();
    }

    @Override
    public Flux<List<ServiceInstance>> get(Request request) {
      String protocol = isWebSocket(request) ? "websocket" : "http";
      return getDelegate().get(request).map(instances -> instances.stream()
          .filter(instance -> protocol.equals(instance.getMetadata().getOrDefault("protocol", protocol)))
          .toList());
    }

    private static boolean isWebSocket(Request<?> request) {
      return request.getContext() instanceof RequestDataContext context
          && "websocket".equalsIgnoreCase(context.getClientRequest().getHeaders().getFirst("Upgrade"));
    }
  }
}
