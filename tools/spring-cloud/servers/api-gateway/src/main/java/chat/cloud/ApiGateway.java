package chat.cloud;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Spring Cloud Gateway; its routes are in application.yml. */
@SpringBootApplication
public class ApiGateway {
  public static void main(String[] args) {
    SpringApplication.run(ApiGateway.class, args);
  }
}
