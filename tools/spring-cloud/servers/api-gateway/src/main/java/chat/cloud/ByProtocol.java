package chat.cloud;

import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Where all of the chat has one service id: WebSockets go to the instances that speak it, by the metadata `protocol`. */
@Configuration
@Profile("one-id")
@LoadBalancerClients(defaultConfiguration = ProtocolSuppliers.class)
public class ByProtocol {}
