// As in the terminal: unqualified, these are the card's.
global using BasketLine = SmartCard.Protocol.Transactions.BasketLine;
global using QuantityUnit = SmartCard.Protocol.Transactions.QuantityUnit;
global using Wire = SmartCard.Protocol.Grpc.V1;
